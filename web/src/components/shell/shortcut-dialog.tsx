import { Modal } from '@mantine/core';
import { useTranslation } from 'react-i18next';

const groups = [
  ['everywhere', [['/', 'search'], ['?', 'help'], ['G M', 'map'], ['G L', 'leaderboard'], ['G C', 'calls'], ['G E', 'escalations'], ['G R', 'reviews'], ['G O', 'coaching'], ['G K', 'scorecards'], ['G V', 'evaluations'], ['G U', 'upload'], ['G J', 'jobs'], ['G S', 'settings']]],
  ['call', [['Space K', 'play'], ['J L', 'five'], [', .', 'one'], ['N P', 'deviation'], ['T C', 'focus'], ['< >', 'speed']]],
  ['lists', [['↓ ↑', 'row'], ['Enter', 'open'], ['F', 'filters'], ['N', 'takeNext']]],
  ['escalations', [['N', 'showNew'], ['H', 'hear'], ['A', 'acknowledge'], ['S', 'assign'], ['Z', 'snooze'], ['R', 'resolve']]],
] as const;

export default function ShortcutDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal opened onClose={onClose} title={t('account.shortcuts')} size="lg" closeButtonProps={{ 'aria-label': t('common.close') }}>
      <div className="hs-grid-even">
        {groups.map(([name, keys]) => (
          <section key={name}>
            <h3>{t(`keys.${name}`)}</h3>
            <dl className="hs-dl" style={{ marginTop: 4 }}>
              {keys.map(([key, label]) => [
                <dt key={key}>{key.split(' ').map((each) => <span key={each}><kbd>{each}</kbd> </span>)}</dt>,
                <dd key={label}>{t(`keys.${label}`)}</dd>,
              ])}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
