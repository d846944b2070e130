import type { ReactNode } from 'react';
import { Icon, type IconName } from './Icon.tsx';
import './notice.css';

type Tone = 'good' | 'info' | 'warn' | 'bad';

const icons: Record<Tone, IconName> = { good: 'check', info: 'info', warn: 'warning', bad: 'warning' };

interface NoticeProps {
  tone: Tone;
  title?: string;
  children?: ReactNode;
  /** What to do about it. */
  action?: ReactNode;
}

/** A message in the page. Bad news interrupts a screen reader, everything else waits its turn. */
export function Notice({ tone, title, children, action }: NoticeProps) {
  return (
    <div className={`notice notice-${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>
      <Icon name={icons[tone]} />
      <div className="notice-text">
        {title && <p className="notice-title">{title}</p>}
        {children && <div>{children}</div>}
      </div>
      {action && <div className="notice-action">{action}</div>}
    </div>
  );
}
