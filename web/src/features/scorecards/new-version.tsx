import { Button } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
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
  const fresh = withVersion(from.content, next);
  const [text, setText] = useState(() => readChoice(kept) || fresh);
  const [note, setNote] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  const [settled] = useDebouncedValue(text, 600);
  const review = useQuery(reviewOf(settled));
  useEffect(() => keepChoice(kept, settled === fresh ? '' : settled), [kept, settled, fresh]);
  const store = useMutation({
    mutationFn: () => body(api.POST('/api/scorecards/{key}/versions', { params: { path: { key: scorecardKey } }, body: { content: text, ...(note.trim() === '' ? {} : { note: note.trim() }) } })),
    onSuccess: (made) => {
      keepChoice(kept, '');
      tell(t('scorecards.didStore', { n: made.version }));
      void client.invalidateQueries({ queryKey: ['scorecards'] });
      void navigate({ to: '/scorecards/$key/versions/$n', params: { key: scorecardKey, n: String(made.version) } });
    },
    onError: tellProblem,
  });
  const toLine = (line: number): void => {
    const { from: start, to: end } = lineSpan(text, line);
    field.current?.focus();
    field.current?.setSelectionRange(start, end);
    if (field.current) field.current.scrollTop = Math.max(0, (line - 6) * 20);
  };
  const looked = settled === text && review.data !== undefined && !review.isFetching;
  return (
    <div className="hs-edit">
      <div className="hs-card hs-edit-text">
        <label className="hs-visually-hidden" htmlFor="hs-scorecard-text">{t('scorecards.text', { n: next })}</label>
        <textarea id="hs-scorecard-text" ref={field} className="hs-input" spellCheck={false} value={text} onChange={(event) => setText(event.target.value)} />
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
            {text !== fresh && <Button type="button" size="xs" variant="default" onClick={() => setText(fresh)}>{t('scorecards.discard')}</Button>}
          </div>
          <p className="hs-small hs-muted">{t('scorecards.draftNote')}</p>
        </form>
      </div>
    </div>
  );
}
