/** Which format reads what. */
import type { PriceSource, WindowSource } from '../../feedsFile.ts';
import { readBankBalance } from './formats/bankBalance.ts';
import { readEcbRates } from './formats/ecbRates.ts';
import { readFlightStatus } from './formats/flightStatus.ts';
import { readFxPairs } from './formats/fxPairs.ts';
import { readFxRates } from './formats/fxRates.ts';
import { readRateHistory } from './formats/rateHistory.ts';
import { readShipmentEvents } from './formats/shipmentEvents.ts';
import { readStationObservations } from './formats/stationObservations.ts';
import type { PriceReading, WindowQuestion, WindowReading } from './reading.ts';

/** @throws SourceRefused */
export function readPrice(bytes: Uint8Array, source: PriceSource, decimals: number): PriceReading {
  switch (source.format) {
    case 'fx-rates':
      return readFxRates(bytes, { ...source, decimals });
    case 'fx-pairs':
      return readFxPairs(bytes, { ...source, decimals });
    case 'ecb-rates':
      return readEcbRates(bytes, { ...source, decimals });
    case 'bank-balance':
      return readBankBalance(bytes, { ...source, decimals });
  }
}

/** @throws SourceRefused */
export const readWindow: Record<
  WindowSource['format'],
  (bytes: Uint8Array, question: WindowQuestion) => WindowReading
> = {
  'flight-status': readFlightStatus,
  'station-observations': readStationObservations,
  'shipment-events': readShipmentEvents,
  'rate-history': readRateHistory,
};
