import { QueryClientProvider } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { createBrowserRouter, type RouteObject } from 'react-router';
import { RouterProvider } from 'react-router/dom';
import { Home } from './pages/home.js';
import { SecondFactorPage } from './pages/second-factor.js';
import { isAtDoor, type PortalData } from './portal-data.js';
import { Unloaded } from './unloaded.js';
import {
  CONFIGURATION,
  HISTORY,
  preload,
  preloadHome,
  queries,
  RECOVERY_CODES,
  SESSIONS,
  TOTP_DEVICE,
  TOTP_REGISTRATION,
  USER_INFO,
} from './use-read.js';

/** A page is a route, and loads when it is gone to, with what it begins with. */
const routesOf = ({ state }: PortalData): RouteObject[] => {
  const beginsWith = (...paths: readonly string[]) => ({ loader: () => (state.authentication_level === 0 ? null : preload(paths)) });
  const security = beginsWith(TOTP_DEVICE, CONFIGURATION, RECOVERY_CODES);
  return [
    { index: true, Component: Home },
    { path: 'second-factor', ...beginsWith(TOTP_DEVICE), Component: SecondFactorPage },
    { path: 'second-factor/recovery', ...beginsWith(TOTP_DEVICE), element: <SecondFactorPage isLost /> },
    { path: 'logout', lazy: { Component: async () => (await import('./pages/sign-out.js')).SignOut } },
    { path: 'reset-password/step1', lazy: { Component: async () => (await import('./pages/forgot-password.js')).ForgotPassword } },
    { path: 'reset-password/step2', lazy: { Component: async () => (await import('./pages/reset-password.js')).ResetPassword } },
    { path: 'revoke/reset-password', lazy: { Component: async () => (await import('./pages/revoke.js')).RevokeReset } },
    { path: 'revoke/one-time-code', lazy: { Component: async () => (await import('./pages/revoke.js')).RevokeCode } },
    { path: 'revoke/session', lazy: { Component: async () => (await import('./pages/revoke.js')).DisownSession } },
    { path: 'enrol', ...beginsWith(TOTP_REGISTRATION, USER_INFO), lazy: { Component: async () => (await import('./pages/enrol.js')).Enrol } },
    { path: 'settings', ...security, lazy: { Component: async () => (await import('./pages/security.js')).Security } },
    { path: 'settings/security', ...security, lazy: { Component: async () => (await import('./pages/security.js')).Security } },
    {
      path: 'settings/two-factor-authentication',
      ...security,
      lazy: { Component: async () => (await import('./pages/security.js')).SecondFactors },
    },
    { path: 'settings/sessions', ...beginsWith(SESSIONS), lazy: { Component: async () => (await import('./pages/sessions.js')).Sessions } },
    { path: 'settings/history', ...beginsWith(HISTORY), lazy: { Component: async () => (await import('./pages/history.js')).History } },
  ];
};

/** The pages, ready to be shown: what the first of them needs is there, so that nothing is empty for a moment. */
export async function openPages(data: PortalData): Promise<ReactNode> {
  const router = createBrowserRouter([{ ErrorBoundary: Unloaded, children: routesOf(data) }], { basename: data.base === '' ? '/' : data.base });
  await Promise.all([
    isAtDoor() ? preloadHome(data) : null,
    new Promise<void>((resolve) => {
      if (router.state.initialized) resolve();
      else
        router.subscribe((state) => {
          if (state.initialized) resolve();
        });
    }),
  ]);
  return (
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  );
}
