import type { ReactNode } from 'react'

/** Line icons on a grid of 24, drawn in the colour of the text around them; the button carries the name. */
function Icon({ children }: { children: ReactNode }) {
  return (
    <svg
      className="icon"
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  )
}

const drawn = (...paths: string[]) =>
  function DrawnIcon() {
    return (
      <Icon>
        {paths.map((path) => (
          <path key={path} d={path} />
        ))}
      </Icon>
    )
  }

export const Menu = drawn('M4 7h16', 'M4 12h16', 'M4 17h10')
export const Plus = drawn('M12 5v14', 'M5 12h14')
export const Close = drawn('M6 6l12 12', 'M18 6L6 18')
export const Send = drawn('M12 19V5', 'M6 11l6-6 6 6')
export const ArrowDown = drawn('M12 5v14', 'M6 13l6 6 6-6')
export const ArrowRight = drawn('M5 12h14', 'M13 6l6 6-6 6')
export const Check = drawn('M5 12.5l4.5 4.5L19 7.5')
export const Clock = drawn('M12 7v5l3 2', 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z')
export const Warning = drawn('M12 8v5', 'M12 16.5v.1', 'M12 3.5 2.8 19.5h18.4L12 3.5Z')
export const Moon = drawn('M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5Z')
export const Sun = drawn(
  'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8Z',
  'M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4',
)
export const Smile = drawn(
  'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z',
  'M8.5 14.2c1.9 2.3 5.1 2.3 7 0',
  'M9 9.5v.1M15 9.5v.1',
)
