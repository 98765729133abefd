/*
 * system_title: what ps(1) shows of pexec.
 *
 * setproctitle(3) of libbsd writes over the words of the command line and the environment behind
 * them. So both are copied first, and that has to be done before anything points to them.
 */
#ifndef PEXEC_BASE_SYSTEM_TITLE_H
#define PEXEC_BASE_SYSTEM_TITLE_H

/*
 * Makes the command line free to be written over. `argc` and `argv` are those of main(), which may
 * be read as before; `environ` is another array afterwards, and what was got from getenv(3) before
 * is lost. Call it once, before there is another thread. Exits with 1 and a message without memory.
 */
void system_prepare_title(int argc, char *argv[]);

/* From now on ps(1) shows the program's name, `title` and the command line as it was typed. Only
 * the main thread may call it. The environment is shown as it was, but for what the title is
 * written over. */
void system_set_title(const char *title);

/* As system_set_title, without the program's name, for a process that is another program than pexec
 * in all but its file. Its environment is shown no more. */
void system_set_whole_title(const char *title);

#endif
