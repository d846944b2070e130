/** How each provider of the sandbox misbehaves at the moment. */

export const providers = ['atlas', 'borealis', 'cirrus', 'delta', 'equinox'] as const;
export type Provider = (typeof providers)[number];

/**
 * `lie`: other values; `stall`: the answers of the moment it was switched; `timeout`: no answer at all; `wrong_unit`: another
 * currency, unit or version; `garbage`: no document; `future`: times of tomorrow.
 */
export const faults = ['none', 'lie', 'stall', 'timeout', 'wrong_unit', 'garbage', 'future'] as const;
export type SourceFault = (typeof faults)[number];

export interface Switch {
  fault: SourceFault;
  /** Unix seconds. */
  since: number;
}

export class Switches {
  readonly #switches = new Map<Provider, Switch>();

  of(provider: Provider): Switch {
    return this.#switches.get(provider) ?? { fault: 'none', since: 0 };
  }

  set(provider: Provider, fault: SourceFault, now: number): void {
    this.#switches.set(provider, { fault, since: now });
  }

  all(): Record<Provider, Switch> {
    return Object.fromEntries(providers.map((provider) => [provider, this.of(provider)])) as Record<
      Provider,
      Switch
    >;
  }
}
