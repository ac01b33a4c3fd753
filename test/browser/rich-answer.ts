/** An answer with everything Markdown has, and words too long for a phone. */
export const rich = `# A heading

Some **bold**, *slanted* and ~~struck~~ words, \`inline code\`, and a [link](https://example.com/a).

| Project | Weeks | From, USD |
|---|---:|---:|
| CI/CD, basic | 2–4 | 5,000 |
| Web application with a very long name that does not fit | 8–20 | 20,000 |

1. First
   - nested
2. Second
- [x] done

> Quoted words

\`\`\`ts
// A comment
export const greet = (name: string): string => \`Hello, \${name}! This line is far too long for a phone to show without scrolling.\`
const count = 42
\`\`\`

https://example.com/${'a-very-long-address-without-any-place-to-break/'.repeat(3)}

${'Unbreakable'.repeat(12)}

---

The end of it.`
