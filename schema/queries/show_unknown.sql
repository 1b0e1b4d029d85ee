-- One row if the address is in no object and no block.
SELECT printf('0x%x', :address) AS address WHERE :object = 0 AND :block = 0;
