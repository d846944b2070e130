import { useEffect, useRef } from 'react';

/**
 * The page's heading and its name in the browser. When the heading changes while the page stays, focus goes to it,
 * so that a screen reader tells of the next step.
 */
export function PageTitle({ children }: { children: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const shown = useRef(children);
  useEffect(() => {
    if (shown.current === children) return;
    shown.current = children;
    heading.current?.focus();
  }, [children]);
  return (
    <>
      <title>{`${children} · Corridor`}</title>
      <h1 ref={heading} tabIndex={-1}>
        {children}
      </h1>
    </>
  );
}
