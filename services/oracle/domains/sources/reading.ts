/** What a source said, as a format reads it. */

/** The value of a price feed as one source has it. */
export interface PriceReading {
  /** In units of 10^-decimals of the feed. */
  units: bigint;
  /** Unix seconds, as the source says. */
  observedAt: number;
}

/** The value of a window as one source has it; undefined units while the source may still change it. */
export interface WindowReading {
  units: bigint | undefined;
  /** Unix seconds up to which the source says that it knows. */
  observedAt: number;
}

/** A window that is over, and the unit to answer in. */
export interface WindowQuestion {
  /** As the source knows it, such as `FRA:LH400`. */
  subject: string;
  /** Unix seconds, both within. */
  windowStart: number;
  windowEnd: number;
  decimals: number;
}
