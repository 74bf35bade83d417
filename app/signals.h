/* signals -- deadly and terminal signals as bytes in the loop; crashes restore the terminal first. */
#ifndef MLYARD_APP_SIGNALS_H
#define MLYARD_APP_SIGNALS_H
/* Blocks HUP TERM INT QUIT WINCH TSTP CONT for the whole process (call before threads start), ignores PIPE, and gives a
 * descriptor to read them from; -1 on failure. A SIGHUP that was ignored at the start stays ignored: end of input ends us. */
int signals_open(void);
int signals_next(int fd);            /* the next pending signal, 0 none */
void signals_close(int fd);
/* SEGV, BUS, FPE, ILL, ABRT: on a stack of their own, restore the terminal, say where, die as the signal would. */
void signals_catch_crashes(void);
#endif
