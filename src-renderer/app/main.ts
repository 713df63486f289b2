import '@fontsource-variable/inter';
import { createPinia } from 'pinia';
import { createApp } from 'vue';
import { useAppStore } from '../stores/app';
import { useNotices } from '../stores/notices';
import App from './App.vue';
import { mirrorCursor } from './cursor-query';
import { makeRouter } from './router';
import './theme.css';

const app = createApp(App);
const router = makeRouter();
app.use(createPinia());

const notices = useNotices();
const tellFailure = (caught: unknown) => {
  console.error(caught);
  notices.fail(caught);
};
app.config.errorHandler = tellFailure;
window.addEventListener('unhandledrejection', (event) => tellFailure(event.reason));
router.onError(tellFailure);

mirrorCursor(router);
app.use(router);
void useAppStore().refresh();
app.mount('#app');
