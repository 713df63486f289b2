import { createApp } from 'vue';
import ProjectWindow from './ProjectWindow.vue';
import './theme.css';

createApp(ProjectWindow).mount('#app');
