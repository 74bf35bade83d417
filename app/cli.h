/* cli -- the command line: finds the command by its words, opens what it needs, and turns its status into the exit code. */
#ifndef MLYARD_APP_CLI_H
#define MLYARD_APP_CLI_H
int cli_main(int argc, char *argv[]);
#endif
