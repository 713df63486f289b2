import { ref, watch, type Ref } from 'vue';
import { useRoute, useRouter } from 'vue-router';

/** Whether a screen's dialog is open; `?action=NAME` in the address opens it in place of any other, and closing it takes that away. */
export function useAction(name: string): Ref<boolean> {
  const route = useRoute();
  const router = useRouter();
  const open = ref(route.query.action === name);
  watch(
    () => route.query.action,
    (action) => (open.value = action === name),
  );
  watch(open, (isOpen) => {
    if (isOpen || route.query.action !== name) return;
    const { action: _action, ...query } = route.query;
    void router.replace({ query });
  });
  return open;
}
