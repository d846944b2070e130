import type { ReactNode } from 'react';
import type { Stablecoin } from '../lib/stablecoins.ts';
import { troubleOf } from '../lib/trouble.ts';
import { useTroubleSentence } from '../lib/troubleSentence.ts';
import { Notice } from './Notice.tsx';

interface TroubleNoticeProps {
  /** Whatever was thrown. */
  error: unknown;
  coin?: Stablecoin;
  action?: ReactNode;
}

/** An error as a sentence that says what to do. What the person declined is no alarm. */
export function TroubleNotice({ error, coin, action }: TroubleNoticeProps) {
  const sentence = useTroubleSentence();
  const trouble = troubleOf(error);
  const { title, text } = sentence(trouble, coin);
  return (
    <Notice tone={trouble.kind === 'rejected' ? 'warn' : 'bad'} title={title} action={action}>
      {text}
    </Notice>
  );
}
