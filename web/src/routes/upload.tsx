import { createRoute } from '@tanstack/react-router';
import { page } from './page';
import { searchOf, text } from '@/lib/search';
import { rootRoute } from './root';

export const uploadRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/upload',
  validateSearch: searchOf({ batch: text(40) }),
  component: page(() => import('@/features/upload/upload-page'), 'UploadPage'),
});
