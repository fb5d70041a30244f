import { Link } from '@tanstack/react-router';
import { useEffect, useRef, type ReactNode } from 'react';

export interface Crumb {
  label: string;
  to: string;
}

let firstPage = true;

/** Heading of a page: names the tab, and takes the focus after a change of route so that it is announced. */
export function PageHead({ title, name, crumbs, note, children }: { title: ReactNode; name?: string; crumbs?: Crumb[]; note?: ReactNode; children?: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const label = name ?? (typeof title === 'string' ? title : '');
  useEffect(() => {
    document.title = label === '' ? 'HackSmart' : `${label} · HackSmart`;
  }, [label]);
  useEffect(() => {
    if (!firstPage) heading.current?.focus({ preventScroll: true });
    firstPage = false;
  }, []);
  return (
    <div className="hs-head">
      <div className="hs-head-text">
        {crumbs && (
          <nav aria-label="Breadcrumb">
            <ol className="hs-crumbs">
              {crumbs.map((crumb) => (
                <li key={crumb.to}>
                  <Link to={crumb.to}>{crumb.label}</Link> <span aria-hidden="true">›</span>
                </li>
              ))}
            </ol>
          </nav>
        )}
        <h1 ref={heading} tabIndex={-1}>{title}</h1>
        {note !== undefined && <div className="hs-muted">{note}</div>}
      </div>
      {children}
    </div>
  );
}
