const paths = {
  wallet:
    'M3.5 7.5A2.5 2.5 0 0 1 6 5h11v3M3.5 7.5V17A2.5 2.5 0 0 0 6 19.5h14V8H5.5a2 2 0 0 1-2-.5ZM16.5 13.7h.01',
  pay: 'M4 12h15m-6-6.5 6.5 6.5-6.5 6.5',
  activity: 'M4 7h16M4 12h16M4 17h10',
  partner: 'M4 20V8.5L12 4l8 4.5V20M2.5 20h19M9 20v-5h6v5M8.5 11h.01M12 11h.01M15.5 11h.01',
  copy: 'M9 9h10v10H9zM15 9V5H5v10h4',
  check: 'm5 12.5 4.5 4.5L19 7',
  cross: 'm6 6 12 12M18 6 6 18',
  warning: 'M12 4 2.8 19.5h18.4L12 4Zm0 6v4.5m0 2.5v.01',
  info: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm0-10v5.5m0-9v.01',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm0-14v5l3.2 2',
  drop: 'M12 3.5s6.5 6.7 6.5 11a6.5 6.5 0 0 1-13 0c0-4.3 6.5-11 6.5-11Z',
  globe: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm0-18c-5 5-5 13 0 18 5-5 5-13 0-18ZM3.5 9.5h17m-17 5h17',
  sun: 'M12 16.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM12 2v2m0 16v2M2 12h2m16 0h2M5 5l1.4 1.4M17.6 17.6 19 19m0-14-1.4 1.4M6.4 17.6 5 19',
  moon: 'M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z',
  device: 'M3.5 5h17v11h-17zM9 20h6m-3-4v4',
  down: 'm6 9 6 6 6-6',
  incoming: 'M18 6 7 17m0-8v8h8',
  outgoing: 'M6 18 17 7m0 8V7H9',
  download: 'M12 4v11m-5-5 5 5 5-5M5 20h14',
  print: 'M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z',
  shield: 'M12 3.5 5 6v5.5c0 4.5 3 7.5 7 9 4-1.5 7-4.5 7-9V6l-7-2.5Zm-3 8.5 2.2 2.2L15.5 10',
  lock: 'M6 11h12v9H6zm2.5 0V8a3.5 3.5 0 0 1 7 0v3M12 14.5v2',
  key: 'M14.5 14a4.5 4.5 0 1 0-4.3-3.2L4 17v3h3v-2h2v-2h2l1.3-1.3c.7.2 1.4.3 2.2.3Zm1-5.5h.01',
  external: 'M14 4h6v6m0-6-9 9M10 5H4v15h15v-6',
} as const;

export type IconName = keyof typeof paths;

/** A line drawing beside a text that says the same; hidden from screen readers. */
export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg
      aria-hidden="true"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      style={{ flex: 'none' }}
    >
      <path d={paths[name]} />
    </svg>
  );
}
