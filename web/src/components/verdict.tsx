import { Check, CircleHelp, Minus, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';

export type Verdict = 'met' | 'missed' | 'review' | 'na';

export const verdictOf = (state: 'pass' | 'fail' | 'na' | 'needs_review'): Verdict =>
  state === 'pass' ? 'met' : state === 'fail' ? 'missed' : state === 'na' ? 'na' : 'review';

const icons = { met: Check, missed: X, review: CircleHelp, na: Minus };

/** Icon and word; the colour repeats them. */
export function VerdictTag({ verdict }: { verdict: Verdict }) {
  const { t } = useTranslation();
  const Icon = icons[verdict];
  return (
    <span className="hs-verdict" data-verdict={verdict}>
      <Icon size={15} aria-hidden="true" strokeWidth={2.4} />
      {t(`verdict.${verdict}`)}
    </span>
  );
}
