/** The core of what is measured. */
export const subjectCore = 0
/** The core of whom it talks to: people, Telegram and the model, all in the benchmark's own process. */
export const peersCore = 1
