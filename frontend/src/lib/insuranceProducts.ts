import { useQuery } from '@tanstack/react-query';
import { useAppConfig } from './appConfig.ts';
import { useI18n } from './i18n/I18n.tsx';
import { askSandboxJson } from './sandbox.ts';

/** A product as the settlement API shows it, as far as the app needs it. */
interface Product {
  id: string;
  words: Record<'en' | 'zh', { name: string; unit: string }>;
}

/** The products that are offered; they change only when the operator changes them. */
export function useProducts() {
  const { sandboxUrl } = useAppConfig();
  return useQuery({
    queryKey: ['insurance-products'],
    queryFn: () => askSandboxJson<{ items: Product[] }>(sandboxUrl as string, '/partner/insurance/products'),
    enabled: sandboxUrl !== null,
    staleTime: 60_000,
  });
}

/** What a product's observations count, in the reader's language: `minutes late`. */
export function useProductUnit(): (id: string) => string {
  const { language } = useI18n();
  const products = useProducts();
  return (id) => products.data?.items.find((product) => product.id === id)?.words[language].unit ?? '';
}

/** A product's name in the reader's language; its id where it is not offered any more, nothing while that is not known. */
export function useProductName(): (id: string) => string {
  const { language } = useI18n();
  const products = useProducts();
  return (id) => {
    const name = products.data?.items.find((product) => product.id === id)?.words[language].name;
    return name ?? (products.isPending ? '' : id);
  };
}
