/** The face of the bot: a speech bubble that smiles. Decorative; the name stands beside it. */
export function Mark({ className = 'mark' }: { className?: string }) {
  return (
    <svg className={className} viewBox="0 0 48 48" aria-hidden="true">
      <path
        className="mark-bubble"
        d="M24 4c11.6 0 20 7.6 20 18s-8.4 18-20 18c-2.3 0-4.5-.3-6.5-.9l-9.2 4.5c-.9.4-1.9-.4-1.6-1.4l2.2-7.9C5.8 31 4 26.8 4 22 4 11.6 12.4 4 24 4Z"
      />
      <g className="mark-eyes">
        <circle cx="17.5" cy="20.5" r="2.7" />
        <circle cx="30.5" cy="20.5" r="2.7" />
      </g>
      <path className="mark-smile" d="M18 28.2c3.6 2.8 8.4 2.8 12 0" />
    </svg>
  )
}
