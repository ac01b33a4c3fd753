/** A line that must be seen: on a runner of GitHub a warning of the run, which keeps it. */
export const loud = (line: string): string => (process.env['GITHUB_ACTIONS'] ? `::warning::${line}` : line)
