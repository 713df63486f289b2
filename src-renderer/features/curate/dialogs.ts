import { ref, watch } from 'vue';
import { useRoute, useRouter } from 'vue-router';

/** Dialogs of the desk. */
export const deskDialogs = ['keys', 'history', 'bulk', 'like', 'tags', 'filters', 'agreement', 'exchange', 'carry'] as const;
export type DeskDialog = (typeof deskDialogs)[number];

/** The dialog that is open; `?action=NAME` in the address opens one, and is taken away then. */
export function useDeskDialog() {
  const route = useRoute();
  const router = useRouter();
  const dialog = ref<DeskDialog>();
  watch(
    () => route.query.action,
    (action) => {
      const named = deskDialogs.find((one) => one === action);
      if (!named) return;
      dialog.value = named;
      const { action: _action, ...query } = route.query;
      void router.replace({ query });
    },
    { immediate: true },
  );
  return dialog;
}
