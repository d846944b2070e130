import type { ReactNode } from 'react';
import { Icon } from './Icon.tsx';
import './steps.css';

export interface Step {
  key: string;
  title: string;
  text?: ReactNode;
  state: 'done' | 'now' | 'next' | 'failed';
}

/** What happened, what happens now, what comes: from top to bottom. */
export function Steps({ steps, label }: { steps: Step[]; label: string }) {
  return (
    <ol className="steps" aria-label={label}>
      {steps.map((step) => (
        <li
          key={step.key}
          className={`step step-${step.state}`}
          aria-current={step.state === 'now' ? 'step' : undefined}
        >
          <span className="step-mark">
            {step.state === 'done' && <Icon name="check" size={14} />}
            {step.state === 'failed' && <Icon name="cross" size={14} />}
          </span>
          <div>
            <p className="step-title">{step.title}</p>
            {step.text && <div className="soft small">{step.text}</div>}
          </div>
        </li>
      ))}
    </ol>
  );
}
