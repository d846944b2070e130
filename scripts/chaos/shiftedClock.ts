/** Loaded into a service's process before anything else: its clock jumps when the simulator says so. Timers go on as they were. */
import process from 'node:process';

const RealDate = Date;
let shiftMs = 0;

class ShiftedDate extends RealDate {
  constructor(...given: unknown[]) {
    super(...((given.length > 0 ? given : [ShiftedDate.now()]) as [number]));
  }

  static override now(): number {
    return RealDate.now() + shiftMs;
  }
}

globalThis.Date = ShiftedDate as DateConstructor;

process.on('message', ({ clockShiftMs = 0 }: { clockShiftMs?: number }) => {
  shiftMs = clockShiftMs;
});
process.channel?.unref(); // as without this file, nothing is kept alive by it
