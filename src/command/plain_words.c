#include "command/plain_words.h"

#include <ctype.h>
#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command/command_path.h"

/* Commands of a shell and programs that differ in their options and in escapes alone. */
static const char *const twins[] = {"echo", "false", "true", NULL};

/* What bash knows by itself, as keywords or commands, and what shows the variables that it sets. */
static const char *const shell_names[] = {"!", ".", ":", "[", "[[", "]]", "alias", "bg", "bind",
    "break", "builtin", "caller", "case", "cd", "command", "compgen", "complete", "compopt",
    "continue", "coproc", "declare", "dirs", "disown", "do", "done", "elif", "else", "enable",
    "env", "esac", "eval", "exec", "exit", "export", "fc", "fg", "fi", "for", "function", "getopts",
    "hash", "help", "history", "if", "in", "jobs", "kill", "let", "local", "logout", "mapfile",
    "popd", "printenv", "printf", "pushd", "pwd", "read", "readarray", "readonly", "return",
    "select", "set", "shift", "shopt", "source", "suspend", "test", "then", "time", "times", "trap",
    "type", "typeset", "ulimit", "umask", "unalias", "unset", "until", "wait", "while", "{", "}",
    NULL};

static bool is_one_of(const char *text, const char *const *texts)
{
	while (*texts && strcmp(text, *texts) != 0)
		texts++;
	return *texts != NULL;
}

/* --- files --- */

enum file_kind {
	FILE_BINARY,
	FILE_SCRIPT, /* with a #! line */
	FILE_OTHER   /* the system may not execute it */
};

/* What kind a file is, as bash tells it by its first bytes. */
static enum file_kind file_kind(const char *path)
{
	char bytes[80];
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	ssize_t count = file < 0 ? -1 : read(file, bytes, sizeof bytes);

	if (file >= 0)
		close(file);
	if (count >= 2 && bytes[0] == '#' && bytes[1] == '!')
		return FILE_SCRIPT;
	return count > 0 && memchr(bytes, '\0', (size_t)count) ? FILE_BINARY : FILE_OTHER;
}

/*
 * Is it bash, unrestricted? It executes the program in its own place. Others may stay and wait, and
 * tell of a signal in their own way, like dash, read files at their start, like zsh, or have more
 * commands of their own, like busybox. sh may be a link to any, and a script may do anything.
 */
static bool is_known_shell(const char *shell, const char *path)
{
	char *file = realpath(path, NULL);
	const char *slash = file ? strrchr(file, '/') : NULL;
	bool known = (strcmp(shell, "sh") == 0 || strcmp(shell, "bash") == 0) && slash &&
		     strcmp(slash, "/bash") == 0 && file_kind(file) == FILE_BINARY;

	free(file);
	return known;
}

/* --- the environment --- */

/* Does bash read ~/.bashrc? Where it takes itself for the first shell of rshd or sshd. */
static bool may_read_bashrc(void)
{
	const char *level = getenv("SHLVL");
	struct stat input;
	bool is_first = !level || atoi(level) < 1;
	bool is_remote = getenv("SSH_CLIENT") || getenv("SSH2_CLIENT") ||
			 (fstat(STDIN_FILENO, &input) == 0 && S_ISSOCK(input.st_mode));

	return is_first && is_remote;
}

/* Is the variable nothing but a value to a shell, which hands it on? Else it may be a function, or
 * change what the shell does. */
static bool is_plain_variable(const char *variable)
{
	static const char *const own[] = {
	    "BASH", "ENV=", "EXECIGNORE=", "IFS=", "POSIXLY_CORRECT=", "SHELLOPTS="};
	size_t length = 0;

	while (isalnum((unsigned char)variable[length]) || variable[length] == '_')
		length++;
	if (length == 0 || isdigit((unsigned char)*variable) || variable[length] != '=' ||
	    strncmp(variable + length, "=() {", 5) == 0)
		return false;
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (strncmp(variable, own[i], strlen(own[i])) == 0)
			return false;
	return true;
}

/* Does PATH name folders by their full names, which a shell puts before that of the program? */
static bool is_plain_path(const char *path)
{
	for (size_t length; path && *path == '/'; path += length + 1) {
		length = strcspn(path, ":");
		if (path[length - 1] == '/')
			return false;
		if (!path[length])
			return true;
	}
	return false;
}

/* Would a shell hand on the names of folders as they are? */
static bool folders_are_right(void)
{
	const char *here = getenv("PWD"), *before = getenv("OLDPWD");
	struct stat named, dot, old;

	if (!here || *here != '/' || stat(here, &named) != 0 || stat(".", &dot) != 0)
		return false;
	return named.st_dev == dot.st_dev && named.st_ino == dot.st_ino &&
	       (!before || (stat(before, &old) == 0 && S_ISDIR(old.st_mode)));
}

/* bash complains about a locale that is not there. */
static bool locale_is_there(void)
{
	locale_t locale = newlocale(LC_ALL_MASK, "", (locale_t)0);

	if (locale)
		freelocale(locale);
	return locale != (locale_t)0;
}

static bool is_plain_environment(void)
{
	for (char **variable = environ; *variable; variable++)
		if (!is_plain_variable(*variable))
			return false;
	return is_plain_path(getenv("PATH")) && folders_are_right() && !may_read_bashrc() &&
	       locale_is_there();
}

/* --- the command --- */

/* Is this the program of the system? Another one of that name is hidden by the shell's command. */
static bool is_twin(const char *path, const char *name)
{
	static const char *const folders[] = {"/bin/", "/usr/bin/"};

	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		if (strncmp(path, folders[i], strlen(folders[i])) == 0 &&
		    strcmp(path + strlen(folders[i]), name) == 0)
			return true;
	return false;
}

char *plain_words_find(const char *shell, const char *path, const char *name)
{
	if (is_one_of(name, shell_names) || *name == '%' || !is_known_shell(shell, path) ||
	    !is_plain_environment())
		return NULL;
	char *found = command_path(name, NULL);
	if (found && file_kind(found) != FILE_OTHER &&
	    (!is_one_of(name, twins) || is_twin(found, name)))
		return found;
	free(found);
	return NULL;
}

bool plain_words_suit(const struct strlist *arguments)
{
	if (!is_one_of(strlist_at(arguments, 0), twins))
		return true;
	if (arguments->count > 1 && *strlist_at(arguments, 1) == '-')
		return false;
	for (size_t i = 1; i < arguments->count; i++)
		if (strchr(strlist_at(arguments, i), '\\'))
			return false;
	return true;
}
