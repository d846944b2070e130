import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useState } from 'react';
import { createBrowserRouter, RouterProvider } from 'react-router';
import { WagmiProvider } from 'wagmi';
import { EscrowPage } from '../features/escrow/EscrowPage.tsx';
import { EscrowsPage } from '../features/escrow/EscrowsPage.tsx';
import { UnderwritingPage } from '../features/insurance/UnderwritingPage.tsx';
import { PartnerAccounts } from '../features/partner/PartnerAccounts.tsx';
import { PartnerLayout } from '../features/partner/PartnerLayout.tsx';
import { PartnerPaymentPage } from '../features/partner/PartnerPaymentPage.tsx';
import { PartnerPayments } from '../features/partner/PartnerPayments.tsx';
import { PartnerPolicies } from '../features/partner/PartnerPolicies.tsx';
import { PartnerPolicyPage } from '../features/partner/PartnerPolicyPage.tsx';
import { PartnerWebhooks } from '../features/partner/PartnerWebhooks.tsx';
import { ActivityPage } from '../features/payments/ActivityPage.tsx';
import { PaymentPage } from '../features/payments/PaymentPage.tsx';
import { PayPage } from '../features/payments/PayPage.tsx';
import { SponsoredPaymentPage } from '../features/payments/SponsoredPaymentPage.tsx';
import { type AppConfig, AppConfigContext } from '../lib/appConfig.ts';
import { createWagmiConfig } from '../lib/chain.ts';
import { Layout } from './Layout.tsx';
import { NotFound } from './NotFound.tsx';
import { WalletPage } from './WalletPage.tsx';
import { WithAccount } from './WithAccount.tsx';

const router = createBrowserRouter([
  {
    element: <Layout />,
    children: [
      {
        element: <WithAccount />,
        children: [
          { index: true, element: <WalletPage /> },
          { path: 'pay', element: <PayPage /> },
          { path: 'activity', element: <ActivityPage /> },
          { path: 'insurance', element: <UnderwritingPage /> },
          { path: 'escrows', element: <EscrowsPage /> },
        ],
      },
      { path: 'payments/:hash', element: <PaymentPage /> },
      { path: 'sponsored-payments/:id', element: <SponsoredPaymentPage /> },
      { path: 'escrows/:id', element: <EscrowPage /> },
      {
        path: 'partner',
        element: <PartnerLayout />,
        children: [
          { index: true, element: <PartnerPayments /> },
          { path: 'policies', element: <PartnerPolicies /> },
          { path: 'accounts', element: <PartnerAccounts /> },
          { path: 'webhooks', element: <PartnerWebhooks /> },
        ],
      },
      { path: 'partner/payments/:id', element: <PartnerPaymentPage /> },
      { path: 'partner/policies/:id', element: <PartnerPolicyPage /> },
      { path: '*', element: <NotFound /> },
    ],
  },
]);

/** The app for one installation. */
export function App({ config }: { config: AppConfig }) {
  const [wagmiConfig] = useState(() => createWagmiConfig(config));
  const [queryClient] = useState(
    () =>
      new QueryClient({
        defaultOptions: {
          queries: { retry: 1, networkMode: 'always' },
          mutations: { networkMode: 'always' },
        },
      }),
  );
  return (
    <AppConfigContext value={config}>
      <WagmiProvider config={wagmiConfig}>
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </WagmiProvider>
    </AppConfigContext>
  );
}
