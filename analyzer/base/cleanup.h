/*
 * Scope-bound release: CLEANUP(image_closep) struct image *image = …;
 * The function gets a pointer to the variable.
 */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#define CLEANUP(function) __attribute__((cleanup(function)))

/* Defines NAMEp() over a release function that takes the pointer and accepts NULL. */
#define DEFINE_CLEANUP(type, name)                 \
	static inline void name##p(type *variable) \
	{                                          \
		if (*variable)                     \
			name(*variable);           \
	}

/* Hands a cleaned-up pointer to the caller: the variable no longer owns it. */
#define TAKE(pointer)                                   \
	__extension__({                                 \
		__typeof__(pointer) taken_ = (pointer); \
		(pointer) = NULL;                       \
		taken_;                                 \
	})

void free_pointer(void *variable);

/* For malloc'd memory: CLEANUP(free_pointer) char *name = …; */
#define CLEANUP_FREE CLEANUP(free_pointer)

#endif
