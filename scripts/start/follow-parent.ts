// Loaded before a service (`node --import`): should the supervisor be killed, the service ends with it.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
