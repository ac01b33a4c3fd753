import './landing.css'
import { mount } from '../ui/mount.tsx'
import { Landing } from './landing.tsx'

mount(<Landing />)
