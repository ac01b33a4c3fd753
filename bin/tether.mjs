// Loaded into the process the launcher starts: when the launcher is gone, however it went, the process drains and
// stops, as if the launcher had been told to.
if (process.channel) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
  process.channel.unref()
}
