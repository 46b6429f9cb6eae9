#pragma once
/// The functions behind the table of commands.cpp; each named as its command.

#include "apps/kv/call.hpp"

namespace kv::run {

// strings: commands_strings.cpp, commands_set.cpp
void get(call& c);
void set(call& c);
void setnx(call& c);
void setex(call& c);
void psetex(call& c);
void getset(call& c);
void getdel(call& c);
void getex(call& c);
void mget(call& c);
void mset(call& c);
void msetnx(call& c);
void append(call& c);
void strlen(call& c);
void getrange(call& c);
void setrange(call& c);

// numbers: commands_numbers.cpp
void incr(call& c);
void decr(call& c);
void incrby(call& c);
void decrby(call& c);
void incrbyfloat(call& c);

// keys: commands_keys.cpp
void del(call& c);
void exists(call& c);
void type(call& c);
void copy(call& c);
void rename(call& c);
void renamenx(call& c);

// time to live: commands_expiry.cpp
void expire(call& c);
void pexpire(call& c);
void expireat(call& c);
void pexpireat(call& c);
void ttl(call& c);
void pttl(call& c);
void expiretime(call& c);
void pexpiretime(call& c);
void persist(call& c);

// all keys: commands_scan.cpp
void keys(call& c);
void scan(call& c);
void dbsize(call& c);
void randomkey(call& c);
void flush(call& c);

}  // namespace kv::run
