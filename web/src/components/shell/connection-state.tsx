import { useTranslation } from 'react-i18next';
import { useConnection } from '@/api/live';
import { useZone } from '@/components/tenant';
import { timeOfDay } from '@/lib/format';

/** How live the page is, as text: the time is that of the last sign of life, or of the last data. */
export function ConnectionState() {
  const { t } = useTranslation();
  const connection = useConnection();
  const time = timeOfDay(new Date(connection.since), useZone());
  const text =
    connection.state === 'live' ? t('connection.live', { time })
    : connection.state === 'offline' ? t('connection.offline', { time: time.slice(0, 5) })
    : t(`connection.${connection.state}`);
  return (
    <span className="hs-small hs-num hs-connection" data-state={connection.state} role="status">
      <span aria-hidden="true" className="hs-connection-dot" />
      {text}
    </span>
  );
}
