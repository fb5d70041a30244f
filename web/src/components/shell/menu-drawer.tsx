import { Drawer } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** The menu on a phone. */
export default function MenuDrawer({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <Drawer opened onClose={onClose} size={264} title="HackSmart" closeButtonProps={{ 'aria-label': t('common.close') }}>
      <nav aria-label={title}>{children}</nav>
    </Drawer>
  );
}
