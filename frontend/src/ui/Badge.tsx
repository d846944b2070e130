import type { ReactNode } from 'react';
import './badge.css';

export type BadgeTone = 'good' | 'busy' | 'bad' | 'warn' | 'plain';

/** A status in one word. The colour repeats what the word says. */
export function Badge({ tone, children, title }: { tone: BadgeTone; children: ReactNode; title?: string }) {
  return (
    <span className={`badge badge-${tone}`} title={title}>
      {children}
    </span>
  );
}
