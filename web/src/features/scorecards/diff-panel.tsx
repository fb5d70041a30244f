import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { scorecardDiff, scorecardVersions } from '@/api/queries';
import { EmptyState, Loaded, Loading } from '@/components/states';
import { hunks } from './scorecard-model';

const signs = { same: ' ', removed: '−', added: '+' } as const;

/** Changed lines, each with its sign; the colour repeats it. */
export function DiffPanel({ scorecardKey, version, against, onAgainst }: { scorecardKey: string; version: number; against: number | undefined; onAgainst: (version: number) => void }) {
  const { t } = useTranslation();
  const list = useInfiniteQuery(scorecardVersions(scorecardKey));
  const others = (list.data?.pages.flatMap((page) => page.data) ?? []).filter((each) => each.version !== version);
  return (
    <div className="hs-stack">
      <label className="hs-field" style={{ justifySelf: 'start' }}>
        <span>{t('scorecards.against')}</span>
        <select className="hs-input" value={against ?? ''} onChange={(event) => onAgainst(Number(event.target.value))}>
          {against === undefined && <option value="" />}
          {others.map((each) => <option key={each.version} value={each.version}>{t('scorecards.versionN', { n: each.version })}</option>)}
        </select>
      </label>
      <div className="hs-card">{against === undefined ? <EmptyState title={t('scorecards.only')} /> : <Lines scorecardKey={scorecardKey} version={version} against={against} />}</div>
    </div>
  );
}

function Lines({ scorecardKey, version, against }: { scorecardKey: string; version: number; against: number }) {
  const { t } = useTranslation();
  const found = useQuery(scorecardDiff(scorecardKey, version, against));
  return (
    <Loaded query={found} loading={<Loading rows={8} height={24} />}>
      {(diff) => diff.lines.length === 0 ? <EmptyState title={diff.same ? t('scorecards.same') : t('scorecards.sameText')} /> : (
        <div className="hs-code hs-diff" role="region" aria-label={t('scorecards.tab_diff')} tabIndex={0}>
          {hunks(diff.lines).map((hunk, i) => (
            <ol key={i} className="hs-plain-list">
              {hunk.lines.map((line, k) => (
                <li key={k} data-change={line.change}>
                  <span className="hs-code-number">{line.before ?? ''}</span>
                  <span className="hs-code-number">{line.after ?? ''}</span>
                  <span>{signs[line.change]}{line.change === 'same' ? '' : <span className="hs-visually-hidden">{t(`scorecards.${line.change}`)}</span>}</span>
                  <code>{line.text}</code>
                </li>
              ))}
            </ol>
          ))}
        </div>
      )}
    </Loaded>
  );
}
