import { createBrowserRouter, Navigate, useRouteError } from 'react-router';
import { LoginPage } from '../session/LoginPage';
import { LogoutPage } from '../session/LogoutPage';
import { RequireSession } from '../session/RequireSession';
import { FullPage, NotFound, Waiting } from '../ui/states';
import { Crash } from './Crash';

/** Each page is fetched when it is first opened; the login page needs none of them. */
export const router = createBrowserRouter(
  [
    {
      errorElement: <RouteCrash />,
      hydrateFallbackElement: (
        <FullPage>
          <Waiting />
        </FullPage>
      ),
      children: [
        { path: '/login', element: <LoginPage /> },
        { path: '/logout', element: <LogoutPage /> },
        {
          element: <RequireSession />,
          children: [
            {
              lazy: () => import('./Shell').then((m) => ({ Component: m.Shell })),
              children: [
                { index: true, element: <Navigate replace to="/orders" /> },
                {
                  errorElement: <RouteCrash />,
                  children: [
                    {
                      path: '/orders',
                      lazy: () => import('../orders/OrdersPage').then((m) => ({ Component: m.OrdersPage })),
                      children: [{ path: ':id', element: null }],
                    },
                    {
                      path: '/refunds',
                      lazy: () => import('../refunds/RefundsPage').then((m) => ({ Component: m.RefundsPage })),
                      children: [{ path: ':id', element: null }],
                    },
                    {
                      path: '/inbox',
                      lazy: () => import('../inbox/InboxPage').then((m) => ({ Component: m.InboxPage })),
                      children: [{ path: ':id', element: null }],
                    },
                    {
                      path: '/managers',
                      lazy: () => import('../managers/ManagersPage').then((m) => ({ Component: m.ManagersPage })),
                    },
                    {
                      path: '/forms',
                      lazy: () => import('../forms/FormsPage').then((m) => ({ Component: m.FormsPage })),
                    },
                    {
                      path: '/forms/:id',
                      lazy: () => import('../forms/FormEditorPage').then((m) => ({ Component: m.FormEditorPage })),
                    },
                    { path: '*', element: <NotFound /> },
                  ],
                },
              ],
            },
          ],
        },
      ],
    },
  ],
  { basename: '/console' },
);

function RouteCrash() {
  return <Crash error={useRouteError()} />;
}
