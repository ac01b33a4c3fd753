import DOMPurify from 'dompurify'

const tags =
  'p br strong em del code pre blockquote ul ol li a hr h3 h4 h5 h6 table thead tbody tr th td div span button'.split(
    ' ',
  )
/** Attributes that hold no address, so that their values are not judged as one. */
const wordy = ['target', 'rel', 'class', 'tabindex', 'type', 'align', 'start', 'data-copy']

DOMPurify.addHook('afterSanitizeAttributes', (element) => {
  if (element.tagName !== 'A') return
  element.setAttribute('target', '_blank')
  element.setAttribute('rel', 'noopener noreferrer nofollow')
  element.removeAttribute('class')
})

/** The second wall: whatever the Markdown renderer let through, only these elements and addresses reach the page. */
export function sanitize(html: string): string {
  return DOMPurify.sanitize(html, {
    ALLOWED_TAGS: tags,
    ALLOWED_ATTR: ['href', ...wordy],
    ADD_URI_SAFE_ATTR: wordy,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|tel:)/i,
  })
}
