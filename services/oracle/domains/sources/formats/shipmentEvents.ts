/** Tracking of a shipment: GS1 EPCIS 2.0 events in JSON-LD, with the Core Business Vocabulary's words. */
import { z } from 'zod';
import { instant, readDocument } from '../document.ts';
import type { WindowQuestion, WindowReading } from '../reading.ts';
import { SourceRefused } from '../refusal.ts';

/** The step by which a shipment is where it should be: bare, as a URN (CBV 1) or as GS1's web address. */
const RECEIVING = /^(?:|urn:epcglobal:cbv:bizstep:|https:\/\/ref\.gs1\.org\/cbv\/BizStep-)receiving$/;

const document = z.object({
  type: z.literal('EPCISDocument'),
  schemaVersion: z.literal('2.0'),
  creationDate: instant,
  epcisBody: z.object({
    eventList: z
      .array(
        z.object({
          type: z.string(),
          eventID: z.string().min(1),
          eventTime: instant,
          epcList: z.array(z.string()).optional(),
          bizStep: z.string().optional(),
          /** The event of the same id did not happen. */
          errorDeclaration: z.unknown().optional(),
        }),
      )
      .max(1_000),
  }),
});

/**
 * How many minutes after the window's start, the agreed time, the shipment was received; below zero when before. One that was
 * not received until the window's end is as late as the window is long. Seconds are cut off. Final once it was received, or
 * the document was made after the window.
 * @throws SourceRefused `source_garbage`; `source_future` for an event after the document; `source_duplicate_window` when an
 * event's id is there with two times
 */
export function readShipmentEvents(bytes: Uint8Array, question: WindowQuestion): WindowReading {
  const { creationDate, epcisBody } = readDocument(bytes, document);
  const { subject, windowStart, windowEnd, decimals } = question;
  const own = epcisBody.eventList.filter(({ epcList }) =>
    epcList?.some((epc) => epc.endsWith(`:${subject}`)),
  );
  const withdrawn = new Set(own.filter((event) => event.errorDeclaration).map(({ eventID }) => eventID));
  const times = new Map<string, number>();
  for (const { type, eventID, eventTime, bizStep } of own) {
    if (type !== 'ObjectEvent' || !RECEIVING.test(bizStep ?? '') || withdrawn.has(eventID)) continue;
    if (eventTime > creationDate)
      throw new SourceRefused('source_future', 'An event happened after the document was made.');
    if ((times.get(eventID) ?? eventTime) !== eventTime)
      throw new SourceRefused('source_duplicate_window', `The event ${eventID.slice(0, 80)} has two times.`);
    times.set(eventID, eventTime);
  }
  const received = Math.min(...times.values());
  const until = Math.min(received, windowEnd);
  const isFinal = received <= creationDate || creationDate >= windowEnd;
  const scale = 10n ** BigInt(decimals);
  return {
    units: isFinal ? (BigInt(until - windowStart) * scale) / 60n : undefined,
    observedAt: creationDate,
  };
}
