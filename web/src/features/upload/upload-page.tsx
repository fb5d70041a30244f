import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useEffect, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { useServerEvents } from '@/api/live';
import { DataTable } from '@/components/data-table';
import { PageHead } from '@/components/page-head';
import { EmptyState } from '@/components/states';
import { bytes, clock, score, words } from '@/lib/format';
import { Drop } from './drop';
import { newBatch, uploads } from './upload-outside';
import type { UploadRow } from './upload-queue';
import './upload.css';

const batch = newBatch();

export function UploadPage() {
  const { t } = useTranslation();
  const rows = useSyncExternalStore(uploads.watch, () => uploads.rows);
  const paused = useSyncExternalStore(uploads.watch, () => uploads.paused);
  useServerEvents((event) => { if (event.call_id) void uploads.look(event.call_id); });
  useEffect(() => {
    const timer = setInterval(() => void uploads.lookAll(), 15_000);
    const warn = (event: BeforeUnloadEvent): void => { if (uploads.sending) event.preventDefault(); };
    window.addEventListener('beforeunload', warn);
    return () => {
      clearInterval(timer);
      window.removeEventListener('beforeunload', warn);
    };
  }, []);
  const failed = rows.filter((row) => uploads.canRetry(row)).length;
  return (
    <>
      <PageHead title={t('upload.title')} note={t('upload.note')} />
      <Drop batch={batch} />
      <section className="hs-card" style={{ marginTop: 16 }} aria-labelledby="hs-uploads">
        <div className="hs-card-head">
          <h2 id="hs-uploads">{t('upload.list')} {rows.length > 0 && <span className="hs-muted">({rows.length})</span>}</h2>
          <div className="hs-row">
            {uploads.sending && <Button size="xs" variant="default" onClick={() => (paused ? uploads.resume() : uploads.pause())}>{paused ? t('upload.resume') : t('upload.pause')}</Button>}
            {failed > 0 && <Button size="xs" variant="default" onClick={() => uploads.retryAll()}>{t('upload.retryAll', { count: failed })}</Button>}
            {rows.length > 0 && <Button size="xs" variant="default" onClick={() => uploads.clear()}>{t('upload.clear')}</Button>}
          </div>
        </div>
        {rows.length === 0 ? <EmptyState title={t('upload.none')}>{t('upload.noneHint')}</EmptyState> : (
          <DataTable
            caption={t('upload.list')} rows={rows} rowKey={(row) => row.key}
            columns={[
              { key: 'name', header: t('upload.file'), wide: true, cell: (row) => (row.callId === undefined ? row.name : <Link to="/calls/$id" params={{ id: row.callId }}>{row.name}</Link>) },
              { key: 'size', header: t('upload.size'), num: true, cell: (row) => bytes(row.size) },
              { key: 'duration', header: t('calls.duration'), num: true, cell: (row) => (row.duration === undefined ? '' : clock(row.duration)) },
              { key: 'state', header: t('calls.status'), wide: true, cell: (row) => <RowState row={row} /> },
              { key: 'act', header: '', cell: (row) => <RowAction row={row} /> },
            ]}
          />
        )}
      </section>
    </>
  );
}

function RowState({ row }: { row: UploadRow }) {
  const { t } = useTranslation();
  const duplicate = row.duplicate ? ` · ${t('upload.duplicate')}` : '';
  switch (row.state) {
    case 'sending': {
      const share = row.size === 0 ? 0 : row.sent / row.size;
      const seconds = row.startedAt === undefined ? 0 : (Date.now() - row.startedAt) / 1000;
      const pace = seconds > 0 ? row.sent / seconds : 0;
      const left = pace > 0 ? Math.ceil((row.size - row.sent) / pace) : undefined;
      return (
        <span>
          <progress max={1} value={share} aria-label={row.name} /> {t('upload.sending', { share: Math.round(share * 100), pace: bytes(pace) })}
          {left === undefined ? '' : ` ${t('upload.left', { seconds: left })}`}
        </span>
      );
    }
    case 'done': return <span><strong>{row.score === undefined ? t('upload.unscored') : t('upload.score', { score: score(row.score) })}</strong>{duplicate}</span>;
    case 'failed': return <span className="hs-missed-text">{t('status.failed')}: {row.detail?.includes(' ') ? row.detail : words(row.detail ?? '')}</span>;
    default: return <span className={row.state === 'cancelled' ? 'hs-muted' : undefined}>{t(`upload.${row.state}`)}{duplicate}</span>;
  }
}

function RowAction({ row }: { row: UploadRow }) {
  const { t } = useTranslation();
  if (uploads.canRetry(row)) return <button type="button" className="hs-quiet-button" onClick={() => uploads.retry(row.key)}>{t('error.retry')}</button>;
  if (row.state === 'queued' || row.state === 'sending') return <button type="button" className="hs-quiet-button" onClick={() => uploads.cancel(row.key)}>{t('common.cancel')}</button>;
  return null;
}
