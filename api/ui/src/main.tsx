// main.tsx - the page begins here.
import { start } from './ui/shell.tsx';

start();
