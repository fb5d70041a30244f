import { notifications } from '@mantine/notifications';
import i18next from 'i18next';
import { Problem } from '@/api/problem';

export function tell(message: string): void {
  notifications.show({ message, autoClose: 5000 });
}

/** Stays until closed. */
export function tellProblem(error: unknown): void {
  const detail = error instanceof Error ? error.message : String(error);
  const request = error instanceof Problem && error.requestId !== undefined ? ` (${i18next.t('error.request')} ${error.requestId})` : '';
  notifications.show({ title: i18next.t('error.title'), message: detail + request, color: 'red', autoClose: false });
}
