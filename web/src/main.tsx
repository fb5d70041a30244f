import '@mantine/core/styles.css';
import './styles/tokens.css';
import './styles/base.css';
import { createTheme, localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { lazy, StrictMode, Suspense, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { connectToQueries } from './api/live';
import { makeQueryClient } from './api/query-client';
import { onFirstToast } from './components/toasts';
import { startLanguages } from './i18n';
import { readChoice } from './lib/storage';
import { serverAnswers } from './routes/page';
import { makeRouter } from './routes/router';

const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce;
const theme = createTheme({
  primaryColor: 'blue',
  fontFamily: 'var(--hs-font)',
  defaultRadius: 6,
  cursorType: 'pointer',
  respectReducedMotion: true,
});

const ToastHost = lazy(() => import('./components/toast-host'));

function Toasts() {
  const [wanted, setWanted] = useState(false);
  useEffect(() => onFirstToast(() => setWanted(true)), []);
  return wanted ? <Suspense fallback={null}><ToastHost /></Suspense> : null;
}

// A page kept open over an update asks for chunks that are gone: reload once, keeping the URL. Not while the server is
// away: that would end on the browser's own error page.
async function reloadOnce(): Promise<void> {
  const key = 'hs.reloaded';
  try {
    if (sessionStorage.getItem(key) === location.href || !(await serverAnswers())) return;
    sessionStorage.setItem(key, location.href);
  } catch {
    return;
  }
  location.reload();
}
window.addEventListener('vite:preloadError', () => void reloadOnce());
// Styles that Mantine's dialogs add by themselves carry the nonce under this name.
Object.assign(globalThis, { __webpack_nonce__: nonce });

if (readChoice('density') === 'compact') document.documentElement.dataset['hsDensity'] = 'compact';

const queryClient = makeQueryClient();
const router = makeRouter(queryClient);
connectToQueries(queryClient);

void startLanguages().then(() => {
  createRoot(document.getElementById('root')!).render(
    <StrictMode>
      <MantineProvider
        theme={theme}
        defaultColorScheme="auto"
        colorSchemeManager={localStorageColorSchemeManager({ key: 'hs.scheme' })}
        getStyleNonce={() => nonce ?? ''}
      >
        <QueryClientProvider client={queryClient}>
          <Toasts />
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
});
