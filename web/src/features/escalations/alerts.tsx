import { Bell, BellOff, Volume2, VolumeX } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useServerEvents } from '@/api/live';
import { tell } from '@/components/toasts';
import { keepChoice, readChoice } from '@/lib/storage';

let context: AudioContext | undefined;

/** Two short notes; made, not fetched. */
function ring(): void {
  context ??= new AudioContext();
  const start = context.currentTime;
  for (const [i, pitch] of [660, 880].entries()) {
    const tone = context.createOscillator();
    const loudness = context.createGain();
    tone.frequency.value = pitch;
    loudness.gain.setValueAtTime(0.12, start + i * 0.16);
    loudness.gain.exponentialRampToValueAtTime(0.001, start + i * 0.16 + 0.15);
    tone.connect(loudness).connect(context.destination);
    tone.start(start + i * 0.16);
    tone.stop(start + i * 0.16 + 0.16);
  }
}

/** Sound and notification of the browser for new escalations: off until a person switches them on, in this browser. */
export function Alerts() {
  const { t } = useTranslation();
  const [sound, setSound] = useState(readChoice('escalations.sound') === 'on');
  const [notice, setNotice] = useState(readChoice('escalations.notice') === 'on');
  useServerEvents((event) => {
    if (event.type !== 'escalation.raised') return;
    if (sound) ring();
    // Shown by the system, perhaps on a locked screen: no words of a customer.
    if (notice && document.hidden && Notification.permission === 'granted') new Notification('HackSmart', { body: t('escalations.raised'), tag: 'escalation' });
  });
  const toggleSound = (): void => {
    if (!sound) ring();
    setSound(!sound);
    keepChoice('escalations.sound', sound ? 'off' : 'on');
  };
  const toggleNotice = async (): Promise<void> => {
    if (!notice && (await Notification.requestPermission()) !== 'granted') {
      tell(t('escalations.forbidden'));
      return;
    }
    setNotice(!notice);
    keepChoice('escalations.notice', notice ? 'off' : 'on');
  };
  return (
    <span className="hs-row" style={{ gap: 0 }}>
      <button type="button" className="hs-icon-button" aria-pressed={sound} aria-label={t('escalations.sound')} title={t('escalations.sound')} onClick={toggleSound}>
        {sound ? <Volume2 size={18} aria-hidden="true" /> : <VolumeX size={18} aria-hidden="true" />}
      </button>
      {'Notification' in window && (
        <button type="button" className="hs-icon-button" aria-pressed={notice} aria-label={t('escalations.notice')} title={t('escalations.notice')} onClick={() => void toggleNotice()}>
          {notice ? <Bell size={18} aria-hidden="true" /> : <BellOff size={18} aria-hidden="true" />}
        </button>
      )}
    </span>
  );
}
