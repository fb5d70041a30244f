import { X } from 'lucide-react';
import { useTranslation } from 'react-i18next';

/** An active filter; the button takes it away. */
export function FilterChip({ label, onRemove }: { label: string; onRemove: () => void }) {
  const { t } = useTranslation();
  return (
    <button type="button" className="hs-chip" onClick={onRemove} aria-label={t('filter.remove', { label })}>
      {label} <X size={12} aria-hidden="true" />
    </button>
  );
}
