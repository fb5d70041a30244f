import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { searchOf, text } from '@/lib/search';
import { rootRoute } from './root';

export const uploadRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/upload',
  validateSearch: searchOf({ batch: text(40) }),
  component: lazyRouteComponent(() => import('@/features/upload/upload-page'), 'UploadPage'),
});
