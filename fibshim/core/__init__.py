"""What every module uses: ops, members, native objects, errors, the module loader, the runtime itself."""
