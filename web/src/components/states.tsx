/** What a page, or a part of one, shows when it has no data to show. */
import { Button } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { Link, useRouter, type ErrorComponentProps } from '@tanstack/react-router';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useConnection } from '@/api/live';
import { Problem, Unreachable } from '@/api/problem';
import { count as number } from '@/lib/format';
import { serverAnswers } from '@/routes/page';
import { PageHead } from './page-head';

/** Grey boxes with the geometry of what comes; invisible for the first 150 ms. */
export function Skeleton({ height, width, count = 1, gap = 8 }: { height: number; width?: string; count?: number; gap?: number }) {
  return (
    <div aria-hidden="true" style={{ display: 'grid', gap }}>
      {Array.from({ length: count }, (_, i) => (
        <div key={i} className="hs-skeleton" style={{ height, width: width ?? '100%' }} />
      ))}
    </div>
  );
}

export function Loading({ rows = 8, height = 40 }: { rows?: number; height?: number }) {
  const { t } = useTranslation();
  return (
    <div role="status" style={{ padding: 16 }}>
      <span className="hs-visually-hidden">{t('state.loading')}</span>
      <Skeleton height={height - 8} count={rows} />
    </div>
  );
}

export function EmptyState({ title, children, actions }: { title: string; children?: ReactNode; actions?: ReactNode }) {
  return (
    <div className="hs-state">
      <h2>{title}</h2>
      {children !== undefined && <div className="hs-muted">{children}</div>}
      {actions !== undefined && <div className="hs-row">{actions}</div>}
    </div>
  );
}

/** No call ever: what to do first. */
export function FirstRun() {
  const { t } = useTranslation();
  return (
    <EmptyState title={t('firstRun.title')} actions={<Button component={Link} to="/upload">{t('firstRun.upload')}</Button>}>
      <ol>
        <li>{t('firstRun.step1')}</li>
        <li>{t('firstRun.step2')}</li>
        <li>{t('firstRun.step3')}</li>
      </ol>
    </EmptyState>
  );
}

/** In place of the part that failed. The rest of the page keeps working. */
export function ProblemPanel({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t, i18n } = useTranslation();
  const waiting = useCountdown(error instanceof Problem ? error.retryAfter : undefined, onRetry);
  const known = error instanceof Problem ? `error.${error.code.replaceAll('.', '_')}` : '';
  const title = error instanceof Unreachable ? t('error.unreachable') : error instanceof Problem && i18n.exists(known) ? t(known as 'error.unreachable') : t('error.title');
  return (
    <div className="hs-state hs-problem" role="alert">
      <h2>{title}</h2>
      {error instanceof Problem && error.detail !== title && <p>{error.detail}</p>}
      {error instanceof Unreachable && <p className="hs-muted">{t('error.unreachableHint')}</p>}
      {!(error instanceof Problem) && !(error instanceof Unreachable) && <p>{error instanceof Error ? error.message : String(error)}</p>}
      <div className="hs-row">
        {onRetry && (
          <Button size="xs" variant="default" onClick={onRetry}>
            {waiting > 0 ? t('error.retryIn', { seconds: waiting }) : t('error.retry')}
          </Button>
        )}
        {error instanceof Problem && error.requestId !== undefined && <RequestId id={error.requestId} />}
      </div>
    </div>
  );
}

export function RequestId({ id }: { id: string }) {
  const { t } = useTranslation();
  return (
    <span className="hs-small hs-muted">
      {t('error.request')} <code>{id}</code>{' '}
      <button type="button" className="hs-quiet-button" onClick={() => void navigator.clipboard?.writeText(id)}>
        {t('common.copy')}
      </button>
    </span>
  );
}

/** Seconds until the server wants to be asked again; asks when they are over. */
function useCountdown(seconds: number | undefined, then?: () => void): number {
  const [left, setLeft] = useState(seconds ?? 0);
  useEffect(() => setLeft(seconds ?? 0), [seconds]);
  useEffect(() => {
    if (left <= 0) return;
    const timer = setTimeout(() => {
      setLeft(left - 1);
      if (left === 1) then?.();
    }, 1000);
    return () => clearTimeout(timer);
  }, [left, then]);
  return left;
}

/** The common course of a read: skeleton, problem, or what `children` makes of the data. Old data stays while refreshing. */
export function Loaded<T>({ query, loading, children }: { query: UseQueryResult<T>; loading?: ReactNode; children: (data: T) => ReactNode }) {
  if (query.data !== undefined) return children(query.data);
  if (query.isError) return <ProblemPanel error={query.error} onRetry={() => void query.refetch()} />;
  return loading ?? <Loading />;
}

/** "12 of 480 calls not yet analysed" */
export function Partial({ analysed, total }: { analysed: number; total: number }) {
  const { t } = useTranslation();
  if (analysed >= total) return null;
  return <div className="hs-notice hs-small">{t('state.partial', { missing: number(total - analysed), count: total, n: number(total) })}</div>;
}

export function NotFoundPage() {
  const { t } = useTranslation();
  return (
    <>
      <PageHead title={t('state.notFound')} />
      <EmptyState title={t('state.notFoundText')} actions={<Button component={Link} to="/" variant="default">{t('nav.map')}</Button>} />
    </>
  );
}

export function PageError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const away = error instanceof Unreachable;
  const { state } = useConnection();
  const absent = useRef(false);
  useEffect(() => {
    if (state !== 'live') absent.current = true;
    else if (away && absent.current) location.reload();
  }, [state, away]);
  if (away) return <ProblemPanel error={error} onRetry={() => void serverAnswers().then((there) => { if (there) location.reload(); })} />;
  return <ProblemPanel error={error} onRetry={() => { reset(); void router.invalidate(); }} />;
}
