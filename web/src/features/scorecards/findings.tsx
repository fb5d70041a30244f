import { Check, CircleAlert, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Finding } from './scorecard-model';

/** What lint and the embedded tests found, each with its place. */
export function Findings({ errors, warnings, tests, onLine }: { errors: readonly Finding[]; warnings: readonly Finding[]; tests?: number; onLine?: (line: number) => void }) {
  const { t } = useTranslation();
  if (errors.length === 0 && warnings.length === 0) return <p className="hs-ok-line"><Check size={15} aria-hidden="true" /> {t('scorecards.sound')}{tests === undefined ? '' : ` · ${t('scorecards.tests', { count: tests })}`}</p>;
  return (
    <ul className="hs-plain-list hs-findings">
      {[...errors.map((each) => ({ each, wrong: true })), ...warnings.map((each) => ({ each, wrong: false }))].map(({ each, wrong }, i) => (
        <li key={i} className={wrong ? 'hs-missed-text' : undefined}>
          {wrong ? <X size={14} aria-hidden="true" /> : <CircleAlert size={14} aria-hidden="true" />}{' '}
          <span className="hs-visually-hidden">{t(wrong ? 'scorecards.error' : 'scorecards.warning')}: </span>
          {each.line > 0 && onLine !== undefined && each.file === 'document'
            ? <button type="button" className="hs-quiet-button" onClick={() => onLine(each.line)}>{t('scorecards.line', { n: each.line })}</button>
            : <span className="hs-small">{each.file}{each.line > 0 ? `:${each.line}` : ''}</span>}{' '}
          <code>{each.code}</code> {each.message}
        </li>
      ))}
    </ul>
  );
}
