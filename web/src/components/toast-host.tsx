import '@mantine/notifications/styles.css';
import { Notifications, notifications } from '@mantine/notifications';
import { useEffect } from 'react';
import { connectToasts } from './toasts';

export default function ToastHost() {
  useEffect(() => connectToasts((toast) => {
    notifications.show({ message: toast.message, ...(toast.title === undefined ? {} : { title: toast.title, color: 'red' }), autoClose: toast.stays ? false : 5000 });
  }), []);
  return <Notifications limit={3} position="bottom-right" zIndex={400} />;
}
