import { texts } from '../../ui/language.ts'
import { announced } from './length.ts'

/** How much may still be written: drawn at every key once it nears, read aloud in steps. */
export function Counter({ left, nearing }: { left: number; nearing: boolean }) {
  const spoken = announced(left)
  return (
    <>
      {nearing && (
        <span className="counter" data-over={left < 0} aria-hidden="true">
          {left < 0 ? texts.charactersOver(-left) : texts.charactersLeft(left)}
        </span>
      )}
      <span className="visually-hidden" role="status">
        {spoken === undefined ? '' : spoken < 0 ? texts.charactersOver(-left) : texts.charactersLeft(spoken)}
      </span>
    </>
  )
}
