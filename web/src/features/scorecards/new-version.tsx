import { Button } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useId, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, body, type Schemas } from '@/api/client';
import { reviewOf } from '@/api/queries';
import { ProblemPanel } from '@/components/states';
import { tell, tellProblem } from '@/components/toasts';
import { keepChoice, readChoice } from '@/lib/storage';
import { Findings } from './findings';
import { lineSpan, withVersion } from './scorecard-model';

/** The next version, written from another one. What is not stored yet stays in this browser. */
export function NewVersion({ scorecardKey, from, next }: { scorecardKey: string; from: Schemas['WholeScorecardVersion']; next: number }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const kept = `scorecard.${scorecardKey}`;
  const fresh = useMemo(() => withVersion(from.content, next), [from.content, next]);
  // The field holds the text itself: a scorecard has hundreds of kilobytes, too many to go through the page with every key.
  const [first] = useState(() => readChoice(kept) || fresh);
  const [settled, setSettled] = useState({ text: first, revision: 0 });
  const [typing, setTyping] = useState(false);
  const settle = useDebouncedCallback((text: string) => {
    setTyping(false);
    setSettled((old) => (old.text === text ? old : { text, revision: old.revision + 1 }));
  }, 600);
  const [note, setNote] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  const place = useId();
  const review = useQuery(reviewOf(`${place} ${settled.revision}`, settled.text));
  const changed = typing || settled.text !== fresh;
  useEffect(() => keepChoice(kept, settled.text === fresh ? '' : settled.text), [kept, settled, fresh]);
  const store = useMutation({
    mutationFn: () => body(api.POST('/api/scorecards/{key}/versions', { params: { path: { key: scorecardKey } }, body: { content: settled.text, ...(note.trim() === '' ? {} : { note: note.trim() }) } })),
    onSuccess: (made) => {
      keepChoice(kept, '');
      tell(t('scorecards.didStore', { n: made.version }));
      void client.invalidateQueries({ queryKey: ['scorecards'] });
      void navigate({ to: '/scorecards/$key/versions/$n', params: { key: scorecardKey, n: String(made.version) } });
    },
    onError: tellProblem,
  });
  const toLine = (line: number): void => {
    if (field.current === null) return;
    const { from: start, to: end } = lineSpan(field.current.value, line);
    field.current.focus();
    field.current.setSelectionRange(start, end);
    field.current.scrollTop = Math.max(0, (line - 6) * 20);
  };
  const discard = (): void => {
    if (field.current) field.current.value = fresh;
    settle(fresh);
  };
  const looked = !typing && review.data !== undefined && !review.isFetching;
  return (
    <div className="hs-edit">
      <div className="hs-card hs-edit-text">
        <label className="hs-visually-hidden" htmlFor="hs-scorecard-text">{t('scorecards.text', { n: next })}</label>
        <textarea id="hs-scorecard-text" ref={field} className="hs-input" spellCheck={false} defaultValue={first} onChange={(event) => { setTyping(true); settle(event.target.value); }} />
      </div>
      <div className="hs-stack">
        <section className="hs-card" aria-labelledby="hs-lint">
          <div className="hs-card-head"><h2 id="hs-lint">{t('scorecards.check')}</h2></div>
          <div className="hs-card-body" aria-live="polite">
            {review.isError && review.data === undefined ? <ProblemPanel error={review.error} onRetry={() => void review.refetch()} />
            : review.data === undefined ? <p className="hs-muted">{t('scorecards.checking')}</p>
            : <Findings errors={review.data.errors} warnings={review.data.warnings} tests={review.data.tests} onLine={toLine} />}
          </div>
        </section>
        <form className="hs-card hs-card-body hs-stack" style={{ paddingTop: 16, gap: 8 }} onSubmit={(event) => { event.preventDefault(); store.mutate(); }}>
          <label className="hs-field">
            <span>{t('scorecards.noteField')}</span>
            <textarea className="hs-input" value={note} maxLength={500} onChange={(event) => setNote(event.target.value)} />
          </label>
          <div className="hs-row">
            <Button type="submit" size="xs" disabled={!looked || !review.data?.valid} loading={store.isPending}>{t('scorecards.store', { n: next })}</Button>
            {changed && <Button type="button" size="xs" variant="default" onClick={discard}>{t('scorecards.discard')}</Button>}
          </div>
          <p className="hs-small hs-muted">{t('scorecards.draftNote')}</p>
        </form>
      </div>
    </div>
  );
}
